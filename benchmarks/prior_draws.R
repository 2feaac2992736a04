# Histograms of the draws by which DESeq2 finds the variance of its dispersion prior (degrees of freedom 1 to 3).
# Rscript benchmarks/prior_draws.R | gzip -n > workflow_lib/differential/prior_draws.tsv.gz
breaks <- -20:20 / 2
cat("df", "variance", sprintf("bin_%d", seq_len(40)), sep="\t")
cat("\n")
for (df in 1:3) {
  set.seed(2)  # as DESeq2 does
  for (variance in seq(0, 8, length=200)) {
    drawn <- log(rchisq(10000, df=df)) + rnorm(10000, 0, sqrt(variance)) - log(df)
    drawn <- drawn[drawn > min(breaks) & drawn < max(breaks)]
    cat(df, format(variance, digits=15), hist(drawn, breaks=breaks, plot=FALSE)$counts, sep="\t")
    cat("\n")
  }
}
