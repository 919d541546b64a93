"""The commands of ``conformance``, one module each: options on one side, one call into the engine on the other."""
