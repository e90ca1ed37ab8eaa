"""Prints every field of SCIP indexes as Python's protobuf reads them: dump.py DESCRIPTORS INDEX..., texts in hexadecimal."""

import sys
from pathlib import Path

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

files = descriptor_pb2.FileDescriptorSet.FromString(Path(sys.argv[1]).read_bytes())
pool = descriptor_pool.DescriptorPool()
for file in files.file:
    pool.Add(file)
Index = message_factory.GetMessageClass(pool.FindMessageTypeByName("scip.Index"))
lines = []


def line(kind, *values):
    lines.append(" ".join([kind, *map(shown, values)]))


def shown(value):
    if isinstance(value, (str, bytes)):
        return "'" + (value.encode() if isinstance(value, str) else value).hex()
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, int):
        return str(value)
    return "[" + ",".join(map(shown, value)) + "]"


def information(kind, symbol):
    line(kind, symbol.symbol, symbol.kind, symbol.display_name, symbol.enclosing_symbol, symbol.documentation)
    if symbol.HasField("signature_documentation"):
        signature = symbol.signature_documentation
        line("signature", signature.language, signature.text)
    for other in symbol.relationships:
        line(
            "relationship",
            other.symbol,
            other.is_reference,
            other.is_implementation,
            other.is_type_definition,
            other.is_definition,
        )


for path in sys.argv[2:]:
    index = Index.FromString(Path(path).read_bytes())
    line("index", index.HasField("metadata"))
    if index.HasField("metadata"):
        metadata = index.metadata
        line("metadata", metadata.version, metadata.project_root, metadata.text_document_encoding)
        if metadata.HasField("tool_info"):
            line("tool", metadata.tool_info.name, metadata.tool_info.version, metadata.tool_info.arguments)
    for document in index.documents:
        line("document", document.relative_path, document.language, document.text, document.position_encoding)
        for occurrence in document.occurrences:
            line("occurrence", occurrence.range, occurrence.symbol, occurrence.symbol_roles, occurrence.syntax_kind)
            line("more", occurrence.override_documentation, occurrence.enclosing_range)
            for diagnostic in occurrence.diagnostics:
                line(
                    "diagnostic",
                    diagnostic.severity,
                    diagnostic.code,
                    diagnostic.message,
                    diagnostic.source,
                    diagnostic.tags,
                )
        for symbol in document.symbols:
            information("symbol", symbol)
    for symbol in index.external_symbols:
        information("external", symbol)
sys.stdout.write("".join(each + "\n" for each in lines))
