"""Breaking the domain on purpose: what no test notices is listed, and the list may only shrink."""
