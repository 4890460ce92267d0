CREATE TABLE public.contents (
    sha256 character varying(64) NOT NULL,
    data bytea NOT NULL,
    bytes bigint NOT NULL,
    links integer NOT NULL
);
CREATE TABLE public.saves (
    number bigint NOT NULL,
    client_sha256 character varying(64) NOT NULL,
    at double precision NOT NULL
);
CREATE SEQUENCE public.saves_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.saves_number_seq OWNED BY public.saves.number;
CREATE TABLE public.share_contents (
    share_id character varying(32) NOT NULL,
    kind character varying(20) NOT NULL,
    sha256 character varying(64) NOT NULL
);
CREATE TABLE public.shares (
    id character varying(32) NOT NULL,
    delete_sha256 character varying(64) NOT NULL,
    page character varying(40) NOT NULL,
    query text NOT NULL,
    answer text NOT NULL,
    data_version character varying(16) NOT NULL,
    model_version character varying(40) NOT NULL,
    created_at double precision NOT NULL,
    opened_at double precision NOT NULL
);
CREATE TABLE public.store_version (
    version integer NOT NULL
);
CREATE SEQUENCE public.store_version_version_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.store_version_version_seq OWNED BY public.store_version.version;
ALTER TABLE ONLY public.saves ALTER COLUMN number SET DEFAULT nextval('public.saves_number_seq'::regclass);
ALTER TABLE ONLY public.store_version ALTER COLUMN version SET DEFAULT nextval('public.store_version_version_seq'::regclass);
INSERT INTO public.contents VALUES ('0a59c189431f91f40527f25f2cc1fc532fe6fdea7d762041943b539d713c5f0d', '\x7b227469746c65223a2022596f757273227d', 18, 1);
INSERT INTO public.contents VALUES ('11c41c600ed4d4533ff46f006c8ee1bcd405fca80da387061312d1e2708fa414', '\x50415231206472617773', 10, 1);
INSERT INTO public.contents VALUES ('f691981c2270d318eb4a387f597cf27aaf327dede16b929c6f65b292f354f7c9', '\x6f74686572206e756d62657273', 13, 1);
INSERT INTO public.contents VALUES ('f8401e7f4456ee7e25ab1c15704ce23d84c064f04742f7a43077a595c47267f2', '\x504152312072756e73', 9, 1);
INSERT INTO public.contents VALUES ('feb861b28a1563f6895970e4d91c547e15a2d3f9ff91c1798d432f4d55e0d321', '\x1f8b206e756d62657273', 10, 2);
INSERT INTO public.saves VALUES (1, 'ed6d815d40d01e61f04bf39c689b620c4d87f8217df2ff39f265d1d1003db5ec', 1790000000.5);
INSERT INTO public.saves VALUES (2, 'ed6d815d40d01e61f04bf39c689b620c4d87f8217df2ff39f265d1d1003db5ec', 1790000000.5);
INSERT INTO public.saves VALUES (3, 'ed6d815d40d01e61f04bf39c689b620c4d87f8217df2ff39f265d1d1003db5ec', 1790000000.5);
INSERT INTO public.share_contents VALUES ('AAAAAAAAAAAAAAAAAAAAA1', 'result', 'feb861b28a1563f6895970e4d91c547e15a2d3f9ff91c1798d432f4d55e0d321');
INSERT INTO public.share_contents VALUES ('AAAAAAAAAAAAAAAAAAAAA2', 'law', '0a59c189431f91f40527f25f2cc1fc532fe6fdea7d762041943b539d713c5f0d');
INSERT INTO public.share_contents VALUES ('AAAAAAAAAAAAAAAAAAAAA2', 'draws', '11c41c600ed4d4533ff46f006c8ee1bcd405fca80da387061312d1e2708fa414');
INSERT INTO public.share_contents VALUES ('AAAAAAAAAAAAAAAAAAAAA2', 'result', 'f691981c2270d318eb4a387f597cf27aaf327dede16b929c6f65b292f354f7c9');
INSERT INTO public.share_contents VALUES ('AAAAAAAAAAAAAAAAAAAAA2', 'runs', 'f8401e7f4456ee7e25ab1c15704ce23d84c064f04742f7a43077a595c47267f2');
INSERT INTO public.share_contents VALUES ('AAAAAAAAAAAAAAAAAAAAA3', 'result', 'feb861b28a1563f6895970e4d91c547e15a2d3f9ff91c1798d432f4d55e0d321');
INSERT INTO public.shares VALUES ('AAAAAAAAAAAAAAAAAAAAA1', '00903b35b33dc80d9058e53bea6d93acca59e2dbd81e4dd47a346422c51729f2', 'cost', 'v=1&model=GPT-3&year=2033', 'Training GPT-3 costs $1.2 million, “about” 95%.', '0032533d', 'cost.1/0.3.0', 1790000000.5, 1790000000.5);
INSERT INTO public.shares VALUES ('AAAAAAAAAAAAAAAAAAAAA2', '17b9639c99eebb8bf27dc599a4ae762accf05843cd8d926270098df9403f6c83', 'inference', 'v=2&law=s:AAAAAAAAAAAAAAAAAAAAA2', 'A FLOP is worth it.', '11112222', 'inference.2/0.3.0', 1790000000.5, 1790000000.5);
INSERT INTO public.shares VALUES ('AAAAAAAAAAAAAAAAAAAAA3', '52300c648d7bf3be9967637971f2df7210fc207355efc3cffdd86324cc972f20', 'cost', 'v=1&model=GPT-3&year=2033', 'Training GPT-3 costs $1.2 million, “about” 95%.', '0032533d', 'cost.1/0.3.0', 1790000000.5, 1790000000.5);
INSERT INTO public.store_version VALUES (1);
SELECT pg_catalog.setval('public.saves_number_seq', 3, true);
SELECT pg_catalog.setval('public.store_version_version_seq', 1, false);
ALTER TABLE ONLY public.contents
    ADD CONSTRAINT contents_pkey PRIMARY KEY (sha256);
ALTER TABLE ONLY public.saves
    ADD CONSTRAINT saves_pkey PRIMARY KEY (number);
ALTER TABLE ONLY public.share_contents
    ADD CONSTRAINT share_contents_pkey PRIMARY KEY (share_id, kind);
ALTER TABLE ONLY public.shares
    ADD CONSTRAINT shares_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.store_version
    ADD CONSTRAINT store_version_pkey PRIMARY KEY (version);
CREATE INDEX ix_share_contents_sha256 ON public.share_contents USING btree (sha256);
CREATE INDEX saves_by_client ON public.saves USING btree (client_sha256, at);
CREATE INDEX shares_by_opened_at ON public.shares USING btree (opened_at);
ALTER TABLE ONLY public.share_contents
    ADD CONSTRAINT share_contents_sha256_fkey FOREIGN KEY (sha256) REFERENCES public.contents(sha256);
ALTER TABLE ONLY public.share_contents
    ADD CONSTRAINT share_contents_share_id_fkey FOREIGN KEY (share_id) REFERENCES public.shares(id) ON DELETE CASCADE;
