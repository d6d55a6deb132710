# Print the seconds of nnet::multinom and the largest gradient entry reached: Rscript classes.R folder m n K
arguments <- commandArgs(TRUE)
m <- as.integer(arguments[2]); n <- as.integer(arguments[3]); K <- as.integer(arguments[4])
X <- matrix(readBin(file.path(arguments[1], "points"), "double", m * n), m, n)
y <- factor(readBin(file.path(arguments[1], "labels"), "double", m), levels = seq_len(K) - 1)
data <- data.frame(y, X)
seconds <- system.time(fit <- nnet::multinom(y ~ ., data, maxit = 1000, reltol = 1e-14, abstol = 0, trace = FALSE))[["elapsed"]]
residuals <- fitted(fit) - (outer(as.integer(y), seq_len(K), "==") + 0)
cat(seconds, max(abs(crossprod(cbind(1, X), residuals))) / m, "\n")
