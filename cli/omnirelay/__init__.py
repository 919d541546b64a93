"""The shipped OmniRelay command line: no dependency, and no library module on the way to a verb."""
