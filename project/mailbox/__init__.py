"""The demo's mailbox: what it sent, on a page, where another installation has a mail server."""
