"""A published store of a few people and accounts, just enough for the frame around the pages."""

from pathlib import Path

import duckdb

from data.entity import entities
from data.store import Store

PEOPLE = [
    ("R01", "赵敏", "经理", "大客户部"),
    ("R02", "张伟", "专员", "大客户部"),
    ("R03", "李强", "专员", "大客户部"),
    ("R04", "王芳", "内勤", "大客户部"),
    ("R05", "周静", "人力", "人力资源部"),
]
ACCOUNTS = [("A1", "华晟机械"), ("A2", "东方重工")]
CORE = """
create schema core; create schema mart; create schema meta;
create table meta.load (load_id bigint, loaded_at timestamp, who varchar, exported_on date, complete boolean,
                        in_force boolean, note varchar);
create table meta.file (file_id bigint, sha256 varchar, name varchar, size bigint);
create table meta.sheet (sheet_id bigint, file_id bigint, sheet varchar, table_no int, entity varchar, content varchar,
                         header_row int, mapping json, fields varchar[], rows bigint, rejected bigint);
create table meta.load_sheet (load_id bigint, sheet_id bigint, inserted bigint, changed bigint, unchanged bigint,
                              rejected bigint);
create table meta.error (sheet_id bigint, row_no bigint, column_name varchar, field varchar, value varchar,
                         reason varchar, rejected boolean);
create table core.clock as select date '2026-09-30' as data_date;
create table core.quarter as select * from (values
    ('2026Q2', date '2026-04-01', date '2026-07-01', date '2026-01-01'),
    ('2026Q3', date '2026-07-01', date '2026-10-01', date '2026-01-01'))
    t(quarter, period_start, period_end, year_start);
create table core.period as select '大客户部' as dept, quarter, period_start, period_end, period_end - 1 as as_of
    from core.quarter;
create table core.tenure as select * from (values
    ('A1', 'R02', '大客户部', date '2020-01-01', date '9999-01-01', 'current'),
    ('A2', 'R03', '大客户部', date '2020-01-01', date '9999-01-01', 'current'))
    t(account_id, rep_id, dept, from_date, to_date, basis);
create table core.credited as select account_id, rep_id from core.tenure;
insert into meta.load values (1, timestamp '2026-09-30 17:00', '王芳', date '2026-09-30', false, true, '');
insert into meta.sheet (sheet_id, file_id, sheet, entity) values (1, 1, '订单', 'orders');
insert into meta.load_sheet values (1, 1, 2, 0, 0, 0);
"""


def publish(folder: Path) -> Store:
    """Write the store into a folder and return it."""
    store = Store(folder)
    with store.locked():
        draft = store.draft()
        with duckdb.connect(str(draft)) as con:
            con.execute(CORE)
            for name in ("rep", "account"):
                columns = ", ".join(f'"{field.name}" {field.sql_type}' for field in entities()[name].fields.values())
                con.execute(f"create table core.{name} (_key varchar, {columns}, extra json)")
            con.executemany("insert into core.rep (rep_id, rep_name, role, dept) values (?, ?, ?, ?)", PEOPLE)
            con.execute("create table core.member as select rep_id, rep_name, dept, role from core.rep")
            con.executemany("insert into core.account (account_id, account_name) values (?, ?)", ACCOUNTS)
        store.publish(draft)
    return store
