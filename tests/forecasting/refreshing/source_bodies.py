"""What the sources would answer for the tables that are given: the shapes of the public copies that
the adapters were written from, filled with our rows.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from forecasting.data.dataset import DataSet
from forecasting.refreshing.adapters import epoch_chip_sales, epoch_data_centers, gpurentalprices
from forecasting.refreshing.adapters.bls_cpi import LEVEL, SERIES
from forecasting.refreshing.adapters.shapes import records_of

MODELS_HEADER = {
    "Model": "model",
    "Organization": "organization",
    "Publication date": "date",
    "Domain": "domain",
    "Task": None,
    "Parameters": "params",
    "Training compute (FLOP)": "training_flop",
    "Training dataset": None,
    "Training dataset size (total)": "dataset_size",
    "Confidence": "confidence",
    "Link": "link",
    "Epochs": "epochs",
    "Training time (hours)": "training_hours",
    "Training hardware": "hardware",
    "Hardware quantity": "hardware_quantity",
    "Hardware utilization (MFU)": "mfu",
    "Training compute cost (2023 USD)": "cost_amortized_2023_usd",
    "Training power draw (W)": "power_watts",
    "Training compute cost (cloud)": "cost_cloud_2023_usd",
    "Training compute cost (upfront)": "cost_upfront_2023_usd",
    "Last modified": None,
}
HARDWARE_HEADER = {
    "Hardware name": "chip",
    "Manufacturer": "vendor",
    "Type": "type",
    "Release date": "release_date",
    "Release price (USD)": "price_usd",
    "FP32 (single precision) performance (FLOP/s)": "fp32_flop_per_s",
    "FP16 (half precision) performance (FLOP/s)": "fp16_flop_per_s",
    "TF32 (TensorFloat-32) performance (FLOP/s)": "tf32_flop_per_s",
    "Tensor-FP16/BF16 performance (FLOP/s)": "tensor_fp16_flop_per_s",
    "FP8 performance (FLOP/s)": "fp8_flop_per_s",
    "FP4 performance (FLOP/s)": "fp4_flop_per_s",
    "INT8 performance (OP/s)": "int8_op_per_s",
    "Memory size per board (Byte)": "memory_bytes",
    "Memory bandwidth (byte/s)": "memory_bandwidth_bytes_per_s",
    "TDP (W)": "tdp_watts",
    "Process size (nm)": "process_nm",
    "Link to datasheet": "source_url",
    "Source for the price": "price_source_url",
}
EPOCH = "/epoch.ai/data"
ARC = "/arcprize.org/media/data"
MODELS_DEV = {
    "Alibaba": "alibaba", "Anthropic": "anthropic", "Cohere": "cohere", "DeepSeek": "deepseek",
    "Google": "google", "MiniMax": "minimax", "Mistral": "mistral", "Moonshot": "moonshotai",
    "OpenAI": "openai", "StepFun": "stepfun", "xAI": "xai", "Xiaomi": "xiaomi", "Z.ai": "zai",
}  # fmt: skip


def bodies(data: DataSet) -> dict[str, bytes]:
    """The body at each path of a server that stands in for all sources: /HOST/PATH."""
    models = data["ai_models"]
    return {
        f"{EPOCH}/notable_ai_models.csv": renamed_csv(models, MODELS_HEADER),
        f"{EPOCH}/frontier_ai_models.csv": renamed_csv(models.tail(30), MODELS_HEADER),
        f"{EPOCH}/ml_hardware.csv": renamed_csv(data["ml_chips"], HARDWARE_HEADER),
        f"{EPOCH}/ai_chip_sales.zip": chip_sales(data),
        f"{EPOCH}/data_centers/data_center_timelines.csv": timelines(data["data_center_timelines"]),
        f"{EPOCH}/data_centers/data_centers.csv": data_centers(data["data_center_timelines"]),
        "/gpurentalprices.com/api/latest.json": offers(data["chip_rental_prices_2026"]),
        "/models.dev/api.json": models_dev(data["token_prices_first_party"]),
        "/raw.githubusercontent.com/pydantic/genai-prices/refs/heads/main/prices/new_data/v2"
        "/data.json": genai_prices(data["token_prices_first_party"]),
        f"/api.bls.gov/publicAPI/v2/timeseries/data/{SERIES}": bls(data["us_consumer_prices"]),
        **arc_prize(data["arc_agi_scores"]),
    }


def csv_of(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(header)
    writer.writerows([["" if cell is None else cell for cell in row] for row in rows])
    return buffer.getvalue().encode()


def renamed_csv(frame: pd.DataFrame, names: Mapping[str, str | None]) -> bytes:
    rows = [[row[ours] if ours else "" for ours in names.values()] for row in records_of(frame)]
    return csv_of(list(names), rows)


def chip_sales(data: DataSet) -> bytes:
    costs, stock = epoch_chip_sales.UNIT_COSTS, epoch_chip_sales.STOCK
    chip_types = csv_of(
        [
            "Name",
            epoch_chip_sales.NAME,
            "Designer",
            "Release date",
            *(each for _, each in costs),
        ],
        [
            ["", row["chip"], row["designer"].replace("NVIDIA", "Nvidia"), row["release_date"]]
            + [row[ours] for ours, _ in costs]
            for row in records_of(data["chip_unit_costs"])
        ]
        + [["MI325X", "", "", "", *("" for _ in costs)]],
    )
    designers = csv_of(
        ["Chip manufacturer", "End date", "Incomplete", *(each for _, each in stock)],
        [
            [
                row["designer"].replace("NVIDIA", "Nvidia"),
                american(row["quarter_end"]),
                "checked" if row["incomplete"] else "",
            ]
            + [row[ours] for ours, _ in stock]
            for row in records_of(data["ai_chip_stock"])
        ],
    )
    return zipped({"sales/chip_types.csv": chip_types, designers_file(): designers})


def designers_file() -> str:
    return "sales/cumulative_timelines_by_designer.csv"


def zipped(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def american(day: str) -> str:
    year, month, of_month = day.split("-")
    return f"{int(month)}/{int(of_month)}/{year}"


def timelines(frame: pd.DataFrame) -> bytes:
    amounts = epoch_data_centers.AMOUNTS
    return csv_of(
        ["Data center", "Date", "Construction status", *(theirs for _, theirs, _ in amounts)],
        [
            [row["data_center"], row["date"], "Building 1,\nalmost complete"]
            + [None if row[ours] is None else row[ours] / factor for ours, _, factor in amounts]
            for row in records_of(frame)
        ],
    )


def data_centers(frame: pd.DataFrame) -> bytes:
    rows = [
        [row["data_center"], marked(row["owner"]), marked(row["users"]), row["country"]]
        for row in records_of(frame.drop_duplicates("data_center"))
    ]
    return csv_of(["Name", "Owner", "Users", "Country"], rows)


def marked(names: str | None) -> str:
    return ", ".join(f"{name} #likely" for name in names.split(", ")) if names else ""


def offers(frame: pd.DataFrame, date: str | None = None) -> bytes:
    newest = frame[frame["last_seen"] == frame["last_seen"].max()]
    chips = {name: slug for slug, name in reversed(gpurentalprices.CHIPS.items())}
    kinds = {name: kind for kind, name in reversed(gpurentalprices.TIERS.items())}
    listed = [
        {
            "provider": row["vendor"],
            "gpu": chips[row["chip"]],
            "vram_gb": row["memory_gb"],
            "usd_hr": row["usd_per_chip_hour"],
            "kind": kinds[row["tier"]],
            "source_url": row["source_url"],
        }
        | ({} if row["min_chips"] is None else {"min_gpus": row["min_chips"]})
        for row in records_of(newest)
    ]
    listed.append({"provider": "runpod", "gpu": "rtx-3090", "usd_hr": 0.5, "kind": "secure"})
    day = date or newest["last_seen"].max().date().isoformat()
    return json.dumps({"date": day, "generated_at": f"{day}T05:46:53Z", "offers": listed}).encode()


def models_dev(frame: pd.DataFrame) -> bytes:
    content: dict[str, Any] = {"openrouter": {"models": {}}}
    for row in records_of(frame.drop_duplicates(["model", "provider"], keep="last")):
        provider = content.setdefault(MODELS_DEV[row["provider"]], {"models": {}})
        cost = {"input": row["usd_per_mtok_in"], "output": row["usd_per_mtok_out"]}
        if row["usd_per_mtok_cached_in"] is not None:
            cost["cache_read"] = row["usd_per_mtok_cached_in"]
        provider["models"][row["model"]] = {
            "id": row["model"],
            "cost": cost,
            "release_date": row["model_release_date"] or "2025-01",
        }
    return json.dumps(content).encode()


def genai_prices(frame: pd.DataFrame) -> bytes:
    providers: dict[str, dict[str, Any]] = {}
    for row in records_of(frame.drop_duplicates(["model", "provider"], keep="last")):
        key = MODELS_DEV[row["provider"]]
        provider = providers.setdefault(key, {"id": key, "models": []})
        now = {"input_mtok": row["usd_per_mtok_in"], "output_mtok": row["usd_per_mtok_out"]}
        tiers = {"base": 2 * row["usd_per_mtok_in"], "tiers": [{"start": 200000, "price": 99}]}
        prices = [
            {"prices": {"input_mtok": tiers, "output_mtok": 1}},
            {"constraint": {"start_date": "2025-01-01"}, "prices": now},
            {"constraint": {"start_date": "2099-01-01"}, "prices": {"input_mtok": 1}},
        ]
        provider["models"].append({"id": row["model"], "prices": prices})
    return json.dumps(list(providers.values())).encode()


def bls(frame: pd.DataFrame) -> bytes:
    data: list[dict[str, str]] = []
    for row in records_of(frame.tail(10)):
        level, year = f"{row[LEVEL]:.3f}", f"{row['year']:.0f}"
        months = int(row["months_averaged"])
        data += [
            {"year": year, "period": f"M{month:02}", "value": level}
            for month in range(1, months + 1)
        ]
        if months < 12:
            data.append({"year": year, "period": f"M{months + 1:02}", "value": "-"})
    answer = {
        "status": "REQUEST_SUCCEEDED",
        "message": [],
        "Results": {"series": [{"seriesID": SERIES, "data": data}]},
    }
    return json.dumps(answer).encode()


def arc_prize(frame: pd.DataFrame) -> dict[str, bytes]:
    sets = {"ARC-AGI-1": "v1", "ARC-AGI-2": "v2", "ARC-AGI-3": "v3"}
    evaluations, models, makers = [], {}, {}
    for row in records_of(frame):
        model_id = row["model_id"] or row["model"]
        provider = (row["provider"] or "none").lower()
        makers[provider] = {"id": provider, "displayName": row["provider"] or "none"}
        models[model_id] = {
            "id": model_id, "displayName": row["model"], "providerId": provider,
        }  # fmt: skip
        evaluations.append(
            {
                "datasetId": f"{sets[row['benchmark']]}_Semi_Private",
                "modelId": model_id,
                "score": row["score_pct"] / 100,
                "costPerTask": row["usd_per_task"],
                "display": True,
            }
        )
    evaluations.append({"datasetId": "v2_Public_Eval", "modelId": "x", "score": 1.0})
    return {
        f"{ARC}/evaluations.json": json.dumps(evaluations).encode(),
        f"{ARC}/models.json": json.dumps(list(models.values())).encode(),
        f"{ARC}/providers.json": json.dumps(list(makers.values())).encode(),
    }
