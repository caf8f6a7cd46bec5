"""The `api` channel: people, orders and messages that programs write through the public interface."""
