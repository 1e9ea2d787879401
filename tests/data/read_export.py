"""Prints the rows of an export as a reader that knows nothing of desksim sees them: one JSON array for each row, names first.

    python3 read_export.py csv|xlsx|parquet|jsonl FILE

What formats write in different ways is made alike: times become microseconds of Unix time, numbers become floats, nothing
becomes null, and the apostrophe that keeps text from being run is taken off again.
"""

import csv
import datetime
import json
import sys

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
COUNTS = {"cycle", "priority", "escalations", "reopens", "transfers", "order_number"}
FLAGS = {"goodwill"}
GUARDED = "=+-@\t\r\n\0＝＋－＠"


def micros(time):
    assert time.utcoffset() is not None, "a time has an offset"
    return (time - EPOCH) // datetime.timedelta(microseconds=1)


def from_text(name, text):
    if text is None or text == "":
        return None
    if name.endswith(("_at", "_due")):
        return micros(datetime.datetime.fromisoformat(text))
    if name.endswith("_s") or name in COUNTS:
        return float(text)
    if name in FLAGS:
        return {"true": True, "false": False}[text]
    return text[1:] if text[0] == "'" and text[1:2] and text[1] in GUARDED else text


def read_csv(path):
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file, strict=True))
    names = rows[0]
    return names, [[from_text(name, cell) for name, cell in zip(names, row, strict=True)] for row in rows[1:]]


def read_jsonl(path):
    with open(path, encoding="utf-8") as file:
        objects = [json.loads(line) for line in file]
    names = list(objects[0])
    assert all(list(one) == names for one in objects)

    def cell(name, value):
        if isinstance(value, bool) or value is None:
            return value
        if isinstance(value, str):
            return micros(datetime.datetime.fromisoformat(value)) if name.endswith(("_at", "_due")) else value
        return float(value)

    return names, [[cell(name, one[name]) for name in names] for one in objects]


def read_xlsx(path):
    import openpyxl

    book = openpyxl.load_workbook(path)
    (sheet,) = book.worksheets
    assert sheet.freeze_panes == "A2" and sheet.auto_filter.ref == sheet.dimensions
    cells = list(sheet.iter_rows())
    names = [cell.value for cell in cells[0]]

    def cell(name, cell):
        assert cell.data_type != "f", f"{cell.coordinate} is a formula"
        value = cell.value
        if isinstance(value, bool) or value is None:
            return value
        if isinstance(value, str):
            assert not value.startswith(tuple(GUARDED)), f"{cell.coordinate} looks like a formula"
            return from_text(name, value)
        return float(value)

    for row in cells[1:]:
        assert row[names.index("ticket_id")].data_type == "s", "IDs are text"
    return names, [[cell(name, one) for name, one in zip(names, row, strict=True)] for row in cells[1:]]


def read_parquet(path):
    import pyarrow.parquet

    table = pyarrow.parquet.read_table(path)
    names = table.schema.names

    def cell(value):
        if isinstance(value, datetime.datetime):
            return micros(value)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return float(value)
        return value

    columns = [[cell(value) for value in column.to_pylist()] for column in table.columns]
    return names, [list(row) for row in zip(*columns, strict=True)]


if __name__ == "__main__":
    kind, path = sys.argv[1:]
    names, rows = globals()[f"read_{kind}"](path)
    for row in [names, *rows]:
        print(json.dumps(row, ensure_ascii=False))
