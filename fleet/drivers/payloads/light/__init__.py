"""A searchlight."""
