"""Work without the network: re-read captures, import WARC files and documents."""
