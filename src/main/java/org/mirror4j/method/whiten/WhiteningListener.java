package org.mirror4j.method.whiten;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** Is told how a calibration goes. */
public interface WhiteningListener {
  /** Every setting as it was resolved, before anything is computed. */
  void settings(ObjectNode settings);

  /** Something worth knowing. */
  void notice(String message);

  /** Something that may want changing. */
  void warning(String message);

  /**
   * So many are done.
   *
   * @param what is done: texts, vectors
   * @param seconds since the first
   */
  void progress(String what, long done, long of, double seconds);
}
