package org.mirror4j.method.whiten;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.mirror4j.encode.FittingListener;

/** Is told how a calibration goes. */
public interface WhiteningListener extends FittingListener {
  /** Every setting as it was resolved, before anything is computed. */
  void settings(ObjectNode settings);
}
