"""What members see and do, a module for each kind of page. Every view but `entry` sits at a desk (`desk.at_desk`)."""
