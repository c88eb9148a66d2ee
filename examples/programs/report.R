# Prints a summary of hourly weather. Usage: Rscript report.R CSV
weather <- read.csv(commandArgs(trailingOnly = TRUE)[1])
cat("read", nrow(weather), "rows\n")
month <- substr(weather$date, 6, 7)
print(round(tapply(weather$temperature, month, mean), 1))
