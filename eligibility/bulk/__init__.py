"""Many cases at once: columns in, columns out. Pure: no database, no requests; a job can go piece by piece.

sheet = open_sheet(path, law)                       # or FileError
columns = propose(sheet, law)                       # shown, changed by the user
found = preview(sheet, mapping_of(columns), law, today)
answering = Answering(law, language)
with undisturbed():
    for chunk in chunks(sheet, mapping, law, today, start=done):
        keep(chunk.number, pack(answering.chunk(chunk.good)))
for piece in csv_pieces(map(unpack, kept), facts_of(mapping, law), language): ...
"""

from eligibility.bulk.answering import Answering, Result, Told, answered
from eligibility.bulk.checking import BadRow, Chunk, MappingError, Preview, Row, chunks, preview
from eligibility.bulk.columns import Column, Mapping, faults_of, fields, mapping_of, propose, warnings_of
from eligibility.bulk.faults import Fault, FileError
from eligibility.bulk.lexicon import heading
from eligibility.bulk.sheet import MOST_BYTES, MOST_COLUMNS, MOST_ROWS, Sheet, open_sheet
from eligibility.bulk.storing import pack, pack_rows, unpack, unpack_rows
from eligibility.bulk.template import csv_template, excel_template
from eligibility.bulk.undisturbed import undisturbed
from eligibility.bulk.writing import csv_pieces, facts_of, fault_pieces, json_pieces, write_excel

__all__ = [
    "MOST_BYTES",
    "MOST_COLUMNS",
    "MOST_ROWS",
    "Answering",
    "BadRow",
    "Chunk",
    "Column",
    "Fault",
    "FileError",
    "Mapping",
    "MappingError",
    "Preview",
    "Result",
    "Row",
    "Sheet",
    "Told",
    "answered",
    "chunks",
    "csv_pieces",
    "csv_template",
    "excel_template",
    "facts_of",
    "fault_pieces",
    "faults_of",
    "fields",
    "heading",
    "json_pieces",
    "mapping_of",
    "open_sheet",
    "pack",
    "pack_rows",
    "preview",
    "propose",
    "undisturbed",
    "unpack",
    "unpack_rows",
    "warnings_of",
    "write_excel",
]
