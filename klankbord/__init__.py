"""Klankbord: the shell around the house: command line, composed configuration, supervision."""

__version__ = "0.1.0"
