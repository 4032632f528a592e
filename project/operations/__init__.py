"""What an operator of the servers needs: health, metrics, logs. docs/operate.md explains them."""
