"""Several processes of the server behind one address, with HAProxy before them."""
