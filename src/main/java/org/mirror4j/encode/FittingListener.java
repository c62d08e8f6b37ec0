package org.mirror4j.encode;

/** Is told how the vectors that a calibration is fitted on come about. */
public interface FittingListener {
  /** Something worth knowing. */
  void notice(String message);

  /** Something that may want changing. */
  void warning(String message);

  /**
   * So many are done.
   *
   * @param what is done, in the plural: texts, vectors
   * @param seconds since the first
   */
  void progress(String what, long done, long of, double seconds);
}
