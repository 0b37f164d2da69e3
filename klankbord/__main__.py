"""`python -m klankbord`."""

from klankbord.cli import app

if __name__ == "__main__":
    app()
