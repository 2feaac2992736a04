"""Signal along the genome: bigWig files, sessions of browsers, pictures of loci."""
