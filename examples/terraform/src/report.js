const { total } = require("./total");

exports.handler = async (event) => `sold ${total(event.items ?? [])}`;
