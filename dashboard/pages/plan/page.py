"""Plan: with this budget and demand, year by year: what to train, how to split, what stops us
first?
"""

from __future__ import annotations

from dashboard.pages.plan.backtest import show_backtest
from dashboard.pages.plan.cluster import show_cluster
from dashboard.pages.plan.generations import show_generations
from dashboard.pages.plan.goal import show_goal
from dashboard.pages.plan.matters import show_matters
from dashboard.pages.plan.years import show_plan
from dashboard.state import session
from dashboard.state.display import PlanDisplay
from dashboard.ui import layout
from dashboard.ui.controls import Controls
from forecasting.planning.plan_scenario import PlanScenario

VIEWS = {
    "plan": "The plan",
    "goal": "Reach a goal",
    "matters": "What matters",
    "ladder": "Generations",
    "cluster": "Cluster",
    "back": "Looking back",
}
SECTIONS = {
    "plan": show_plan,
    "goal": show_goal,
    "matters": show_matters,
    "ladder": show_generations,
    "cluster": show_cluster,
    "back": show_backtest,
}

page = session.open_page(PlanScenario, PlanDisplay)
layout.question(
    "Plan",
    "With this budget and demand, year by year: what to train, how to split, what stops us first?",
)
layout.notices(page)
Controls(page).segmented("view", words=VIEWS.__getitem__, hidden_label=True)
with layout.error_boundary():
    SECTIONS[page.display.view](page)
session.close_page(page)
