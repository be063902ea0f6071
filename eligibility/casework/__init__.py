"""The caseworker's workspace: organisations, their cases, and what becomes of them when the law changes."""
