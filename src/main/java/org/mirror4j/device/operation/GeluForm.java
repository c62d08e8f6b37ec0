package org.mirror4j.device.operation;

/** The two forms of the Gaussian error linear unit in use. */
public enum GeluForm {
  /** {@code x/2 (1 + erf(x / sqrt 2))}; config {@code hidden_act: gelu}. */
  ERF,
  /**
   * {@code x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))}; config {@code gelu_new} and {@code
   * gelu_pytorch_tanh}.
   */
  TANH
}
