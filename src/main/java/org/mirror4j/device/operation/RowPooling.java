package org.mirror4j.device.operation;

/** How the rows of a sequence become one. */
public enum RowPooling {
  /** The first row. */
  FIRST,
  /** The mean of the rows that are real tokens. */
  MEAN,
  /** The mean of all rows, padding included. */
  MEAN_PADDED
}
