"""Bytes in, bytes out: addresses, the HTTP/1.1 reader without input or output, and the client over sockets."""
