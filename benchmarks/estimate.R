# Print the median seconds of an estimate and the largest gradient entry reached: Rscript estimate.R folder function m n l2 goal
arguments <- commandArgs(TRUE)
folder <- arguments[1]; method <- arguments[2]
m <- as.integer(arguments[3]); n <- as.integer(arguments[4]); l2 <- as.numeric(arguments[5]); goal <- as.numeric(arguments[6])
X <- matrix(readBin(file.path(folder, "points"), "double", m * n), m, n)
y <- readBin(file.path(folder, "labels"), "double", m)
X1 <- cbind(1, X)
fit <- function(tol) {
    if (method == "glm.fit") return(glm.fit(X1, y, family = binomial(), control = glm.control(epsilon = tol, maxit = 100))$coefficients)
    as.vector(coef(glmnet::glmnet(X, y, family = "binomial", alpha = 0, lambda = l2 / m, standardize = FALSE, thresh = tol, maxit = 1e6)))
}
gradient <- function(w) max(abs(crossprod(X1, plogis(X1 %*% w) - y) + c(0, l2 * w[-1]))) / m
tol <- 1e-6
repeat {
    seconds <- system.time(w <- suppressWarnings(fit(tol)))[["elapsed"]]
    if (gradient(w) <= goal || tol < 1e-26) break
    tol <- tol / 10
}
# the clock of R has milliseconds
times <- max(1, min(1000, floor(0.2 / max(seconds, 0.0002))))
rounds <- if (seconds > 3) 1 else 3
if (rounds > 1)
    seconds <- median(replicate(rounds, system.time(for (k in 1:times) suppressWarnings(fit(tol)))[["elapsed"]] / times))
cat(seconds, gradient(w), "\n")
