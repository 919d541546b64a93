"""What a reader gets: event files for machines, and one page for people, made from frozen values and from nothing else."""
