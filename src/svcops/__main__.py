"""`python -m svcops`, the same as the console script."""

from svcops.cli.main import main

if __name__ == "__main__":
    main()
