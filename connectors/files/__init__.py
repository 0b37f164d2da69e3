"""A drop folder of CSV, workbooks and JSONL. The way in is `FilesConnector`."""

from connectors.files.connector import FilesConnector
from connectors.files.options import FilesOptions

__all__ = ["FilesConnector", "FilesOptions"]
