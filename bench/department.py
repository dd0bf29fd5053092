"""A department of any size as CSV exports: reps, accounts, monthly plans and orders, the same at every run."""

from pathlib import Path

import duckdb

from data.entity import entities

REPS = 20
ORDERS_PER_ACCOUNT = 50
FIRST_DAY, DAYS, EXPORTED_ON = "2023-07-01", 1096, "2026-07-01"

# Every column is worked out from the row's number i; `hash` of a text spreads it evenly and is the same every time.
PEOPLE = f"""
select 'R' || lpad(i::varchar, 3, '0') as rep_id, '人员' || i as rep_name,
       if(i = 0, '大客户部经理', '大客户专员') as role, '大客户部' as dept, date '2020-01-01' as hired_at
from range({REPS} + 1) t(i)
"""
ACCOUNTS = f"""
select 'A' || lpad(i::varchar, 7, '0') as account_id, '客户' || i || '有限公司' as account_name,
       (['A', 'B', 'C', 'C'])[1 + i % 4] as account_class, (['华东', '华北', '华南'])[1 + i % 3] as region,
       'R' || lpad((1 + i % {REPS})::varchar, 3, '0') as rep_id, date '{FIRST_DAY}' as created_at
from range({{accounts}}) t(i)
"""
PLANS = f"""
select 'R' || lpad(r::varchar, 3, '0') as rep_id, month::date as period_start,
       (month + interval 1 month - interval 1 day)::date as period_end, 500000 as plan_value
from range(1, {REPS} + 1) t(r), range(date '{FIRST_DAY}', date '{EXPORTED_ON}', interval 1 month) m(month)
"""
ORDERS = f"""
select 'SO' || lpad(i::varchar, 9, '0') as order_no,
       'A' || lpad((hash('a' || i) % {{accounts}})::varchar, 7, '0') as account_id,
       (date '{FIRST_DAY}' + (hash('d' || i) % {DAYS})::int)::date as order_date,
       if(hash('t' || i) % 50 = 0, '退货', '正式') as order_type, '已完成' as status,
       (if(hash('t' || i) % 50 = 0, -1, 1) * (100 + hash('m' || i) % 90000) / 100)::decimal(18, 2) as amount
from range({{orders}}) t(i)
"""


def write(folder: Path, orders: int) -> dict[str, Path]:
    """Write one CSV an entity, with Chinese headers, and give the paths by entity."""
    accounts = max(1, orders // ORDERS_PER_ACCOUNT)
    queries = {"rep": PEOPLE, "account": ACCOUNTS, "sales_plan": PLANS, "orders": ORDERS}
    paths = {name: folder / f"{entities()[name].zh}.csv" for name in queries}
    with duckdb.connect() as con:
        for name, query in queries.items():
            rows = con.sql(query.format(accounts=accounts, orders=orders))
            labels = ", ".join(f'{column} as "{entities()[name].fields[column].zh}"' for column in rows.columns)
            rows.project(labels).write_csv(str(paths[name]), header=True)
    return paths
