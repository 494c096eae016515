"""Work without the network: read captures again, import WARC files and documents."""
