"""What assistants may do here: the operations of the public interface as tools of the Model Context Protocol."""
