/**
 * Flows over the vectors of a model: {@link org.mirror4j.method.flow.FlowTraining} trains one,
 * {@link org.mirror4j.method.flow.FlowSettings} are the values, {@link
 * org.mirror4j.method.flow.FlowSource} says where vectors come from and what is written. Knows no
 * other method and no encoder.
 */
package org.mirror4j.method.flow;
