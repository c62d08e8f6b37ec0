/**
 * A normalising flow that calibrates sentence vectors (Li et al. 2020): {@link
 * org.mirror4j.calibrate.flow.FlowArchitecture} are its sizes, {@link
 * org.mirror4j.calibrate.flow.NormalizingFlow} its parameters, {@link
 * org.mirror4j.calibrate.flow.FlowPass} maps vectors and back, {@link
 * org.mirror4j.calibrate.flow.FlowGradient} is what training takes. Knows no encoder.
 */
package org.mirror4j.calibrate.flow;
