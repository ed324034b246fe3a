"""What ships with the package: trained bundles and icons."""
