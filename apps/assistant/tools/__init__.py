"""The assistant's tools, one file each."""
