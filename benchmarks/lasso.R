# Print glmnet's seconds of a path, and write its weights: Rscript lasso.R folder tolerance
arguments <- commandArgs(TRUE)
folder <- arguments[1]
read <- function(name, what = "double") readBin(file.path(folder, name), what, file.size(file.path(folder, name)))
shape <- scan(file.path(folder, "shape"), quiet = TRUE)
suppressMessages(library(glmnet))
m <- shape[1]; n <- shape[2]
X <- if (shape[3]) new(getClass("dgCMatrix", where = asNamespace("Matrix")), x = read("points"), i = read("rows", "integer"),
                       p = read("pointers", "integer"), Dim = as.integer(c(m, n))) else
    matrix(readBin(file.path(folder, "points"), "double", m * n), m, n)
y <- readBin(file.path(folder, "labels"), "double", m)
lambdas <- readBin(file.path(folder, "lambdas"), "double", 1000)
# all penalties, and no weights of the rows held back
glmnet.control(fdev = 0, devmax = 1)
seconds <- system.time(fit <- glmnet(X, y, family = "binomial", lambda = lambdas, standardize = FALSE, thresh = as.numeric(arguments[2]),
                                     intercept = shape[4] == 1, maxit = 1e9))
write <- function(values, name) writeBin(values, file.path(folder, name))
write(as.double(fit$a0), "biases"); write(fit$beta@x, "weights"); write(fit$beta@i, "columns"); write(fit$beta@p, "starts")
cat(sum(seconds[c("user.self", "sys.self")]), "\n")
