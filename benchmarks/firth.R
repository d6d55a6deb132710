# Print the seconds of a bias-reduced estimate: Rscript firth.R folder package m n
arguments <- commandArgs(TRUE)
folder <- arguments[1]; m <- as.integer(arguments[3]); n <- as.integer(arguments[4])
X <- matrix(readBin(file.path(folder, "points"), "double", m * n), m, n)
y <- readBin(file.path(folder, "labels"), "double", m)
if (arguments[2] == "brglm2") {
    X1 <- cbind(1, X)
    fit <- function() brglm2::brglmFit(X1, y, family = binomial(), control = list(type = "AS_mean", epsilon = 1e-10, maxit = 1000))
} else {
    table <- data.frame(X, y)
    fit <- function() logistf::logistf(y ~ ., table, pl = FALSE)
}
cat(system.time(suppressWarnings(fit()))[["elapsed"]], "\n")
