"""Plans of training and inference: yearly budgets, clusters, goals, generations."""
