"""The genome: sequence, genes, and where peaks lie among them."""
