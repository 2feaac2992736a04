# DESeq2 on the counts of a folder, and the CPU seconds of the fit and the test: Rscript benchmarks/deseq2.R FOLDER
suppressMessages(library(DESeq2))
folder <- commandArgs(TRUE)[1]
counts <- as.matrix(read.table(file.path(folder, "counts.tsv"), header=TRUE, row.names=1, sep="\t", check.names=FALSE))
half <- ncol(counts) / 2
sheet <- data.frame(group=factor(rep(c("control", "treated"), each=half)), row.names=colnames(counts))
before <- proc.time()
dds <- DESeq(DESeqDataSetFromMatrix(counts, sheet, ~group), quiet=TRUE)
found <- results(dds, alpha=0.05)
seconds <- sum((proc.time() - before)[c(1, 2)])
remark <- sprintf("DESeq2 %s; %d peaks at 5 %%", packageVersion("DESeq2"), sum(found$padj < 0.05, na.rm=TRUE))
cat(sprintf('{"work": %.3f, "remark": "%s", "part": 1}\n', seconds, remark))
