// GraphMatching
