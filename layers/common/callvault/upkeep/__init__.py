"""Scheduled work: requeue overdue rows, reconcile announced ones, and find silent accounts."""
