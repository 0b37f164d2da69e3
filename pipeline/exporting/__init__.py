"""Copies of finished exports, delivered to a folder or an S3-compatible store; whole or not at all."""
