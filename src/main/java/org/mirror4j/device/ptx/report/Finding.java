package org.mirror4j.device.ptx.report;

/**
 * One broken rule at one line.
 *
 * @param check the rule
 * @param file kernel file, or the name of the host operation
 * @param line line in the file from 1, or 0 where there is none
 * @param message the whole report of the first time, with the numbers that decide it
 */
public record Finding(Check check, String file, int line, String message) {
  @Override
  public String toString() {
    return check.label() + ": " + message;
  }
}
